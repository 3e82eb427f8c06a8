/*
title: Addresses of the log
description: Every address that a client or a peer had, and every one that stands before them in a list of addresses.
params:
columns:
  address: The address.
  is_own: True where a client or a peer had it.
  is_claimed: True where it stands in a list of several addresses, which clients may invent.
limits: A claimed address may be the client's invention.
*/
SELECT a.address, bool_or(a.is_own) AS is_own, NOT bool_and(a.is_own) AS is_claimed
FROM (
  SELECT unnest([p.client_ip, p.peer_ip]) AS address, true AS is_own FROM (SELECT DISTINCT r.client_ip, r.peer_ip FROM calls AS r) AS p
  UNION ALL
  SELECT DISTINCT unnest(r.source_ips), false FROM calls AS r WHERE len(r.source_ips) > 1
) AS a
WHERE a.address IS NOT NULL
GROUP BY a.address
ORDER BY a.address
