import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: {TZ: 'Asia/Kolkata', NO_COLOR: '1'},
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    disableConsoleIntercept: true,
  },
})
