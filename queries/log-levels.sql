/*
title: What was logged of a type
description: At which level and to which stage requests on a type were logged, by verb, from counts kept at load.
params:
  resources: Plurals of the types; NULL for every type.
  verbs: Only these verbs; NULL for all.
columns:
  api_group: API group of the type; empty for core.
  resource: Plural of the type.
  verb: Verb of the requests.
  subresource: Subresource that was asked; NULL for the object itself.
  level: The audit level.
  answered: True where the stage holds the answer.
  events: Events of this kind.
limits: Counts events of every cluster and day of the case.
*/
SELECT l.api_group, l.resource, l.verb, l.subresource, l.level, l.stage IN ('ResponseComplete', 'ResponseStarted', 'Panic') AS answered, sum(l.events)::BIGINT AS events
FROM store.logged AS l
WHERE l.resource IS NOT NULL AND coalesce(list_contains($resources::VARCHAR[], l.resource), true) AND coalesce(list_contains($verbs::VARCHAR[], l.verb), true)
GROUP BY ALL
ORDER BY ALL
