import {alibabaShapes} from './alibaba.ts'
import {azureShapes} from './azure.ts'
import {cloudWatchShapes} from './cloudwatch.ts'
import {containerShapes} from './containers.ts'
import {gkeShapes} from './gke.ts'
import {legacyShapes} from './legacy.ts'
import {openShiftShapes} from './openshift.ts'
import {plainShapes} from './plain.ts'
import type {Shape} from './shape.ts'
import {shipperShapes} from './shippers.ts'
import {storeShapes} from './stores.ts'

/** Every envelope that audit logs are known to arrive in. */
export const allShapes: readonly Shape[] = [
  ...plainShapes,
  ...cloudWatchShapes,
  ...azureShapes,
  ...gkeShapes,
  ...alibabaShapes,
  ...legacyShapes,
  ...openShiftShapes,
  ...containerShapes,
  ...storeShapes,
  ...shipperShapes,
]
