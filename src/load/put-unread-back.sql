-- What was no event in its mended envelope either stays what it was.
DELETE FROM store.event_rows WHERE not_event IS NOT NULL AND event_id IN (SELECT event_id FROM unread);

INSERT INTO store.event_rows
FROM unread WHERE event_id NOT IN (SELECT event_id FROM store.event_rows WHERE event_id IN (SELECT event_id FROM unread));
