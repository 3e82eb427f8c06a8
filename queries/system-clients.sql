/*
title: Where the identities of the system come from
description: For each identity whose name begins with system:, from which addresses and with which clients it sent how many requests of its own, most first.
params:
columns:
  user_name: Who authenticated.
  client_ip: Its address.
  client: The user agent up to the first slash.
  requests: Requests.
limits: A user agent is the claim of the client.
*/
SELECT r.user_name, r.client_ip, split_part(r.user_agent, '/', 1) AS client, count(*) AS requests
FROM calls AS r
WHERE r.user_name >= 'system:' AND r.user_name < 'system;' AND r.impersonated_user IS NULL
GROUP BY ALL
ORDER BY requests DESC, r.user_name, r.client_ip, client
