/*
title: Namespaces of a pattern
description: The namespaces that any request of the log names and that a pattern means.
params:
  namespace: Name of the namespace, as GLOB takes it.
columns:
  namespace: Name of the namespace.
limits: A namespace that no request names is not known, though it may have been there.
*/
SELECT DISTINCT CASE WHEN r.resource = 'namespaces' THEN coalesce(r.name, r.namespace) ELSE r.namespace END AS namespace
FROM calls AS r
WHERE CASE WHEN r.resource = 'namespaces' THEN coalesce(r.name, r.namespace) ELSE r.namespace END GLOB $namespace::VARCHAR
ORDER BY namespace
