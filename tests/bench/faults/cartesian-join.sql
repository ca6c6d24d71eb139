-- fault: cartesian-join, line 5
-- sqlcheck: load_timestamp=UPDATED_AT type=timestamp_ntz time_zone=UTC
SELECT p.player_id AS customer_id, GREATEST(p.updated_at, g.updated_at) AS updated_at, g.guild_name AS "guild"
FROM GAME.CORE.PLAYERS AS p
JOIN GAME.CORE.GUILDS AS g
WHERE p.banned = FALSE
