-- One row for every document and step: what it was, where it came from, and what the step said of it.
-- DuckDB, started in the build folder (or put its path before the globs):
--     duckdb -c ".read life.sql" -c "SELECT step, verdict, filter, rule, value, \"limit\" FROM life WHERE url = '..' ORDER BY place"
CREATE OR REPLACE VIEW life AS
WITH steps(step, place) AS (
    VALUES ('select', 1), ('filter', 2), ('urls', 3), ('dedup', 4), ('paragraphs', 5), ('mask', 6), ('score', 7), ('decontaminate', 8), ('tokens', 9), ('blend', 10)
), decisions AS (
    SELECT *, string_split(filename, '/')[-3] AS step
    FROM read_parquet('decisions/*/*/*.parquet', filename = true, union_by_name = true)
)
SELECT
    key, documents.id, documents.url, documents.title, documents.file, documents."offset", documents.length,
    decisions.source, step, place, verdict, filter, rule, value, "limit", matched,
    language, language_probability, score, draw, threshold_keeps, pareto_keeps, cluster, similarity, links, pieces, decisions.tokens, copies
FROM decisions
JOIN steps USING (step)
JOIN (SELECT * EXCLUDE (text) FROM read_parquet('documents/*/*.parquet', union_by_name = true)) AS documents USING (key);
