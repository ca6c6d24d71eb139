/* sqlcheck: api=experimental */ -- sqlcheck: load_timestamp="u p" type=timestamp_unixtime_ms offset=3600 time_zone=Europe/Paris identities=
--sqlcheck: ignore-file[ select-star , nope
-- sqlcheck: ignore schema=*.sql data_plan=plan.json
select * from t // sqlcheck: ignore[x]
