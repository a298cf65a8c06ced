"""Runs the SQL of the docs over a build folder and holds what it gives against the report. Usage: sql.py FOLDER REPOSITORY"""
import json
import os
import re
import shutil
import sys
import tempfile

import duckdb

folder, repository = map(os.path.abspath, sys.argv[1:3])
report = json.load(open(f"{folder}/report.json"))
os.chdir(folder)
db = duckdb.connect()
db.execute(open(f"{repository}/docs/life.sql").read())

counted = {}
for source in report["funnel"]:
    for step in source["steps"]:
        for dropped in step["dropped"]:
            if step["step"] != "extract":
                name = (source["source"], step["step"], dropped["filter"], dropped["rule"])
                counted[name] = counted.get(name, 0) + dropped["documents"]
found = db.execute("SELECT source, step, filter, rule, count(*) FROM life WHERE verdict = 'drop' GROUP BY ALL").fetchall()
assert {row[:4]: row[4] for row in found} == counted, (found, counted)
documents = db.execute("SELECT count(*) FROM 'documents/*/*.parquet'").fetchone()[0]
for step, rows, distinct in db.execute("SELECT step, count(*), count(DISTINCT key) FROM life GROUP BY step").fetchall():
    assert (rows, distinct) == (documents, documents), (step, rows, distinct, documents)

# Every statement of the pages runs as it stands, from the folder that it names.
os.chdir(scratch := tempfile.mkdtemp())
os.mkdir("out")
os.symlink(folder, "out/quickstart")
statements = 0
for page in ["README.md", "docs/build-folder.md"]:
    for statement in re.findall(r"```sql\n(.*?)```", open(f"{repository}/{page}").read(), re.S):
        rows = duckdb.connect().execute(statement).fetchall()
        assert rows, (page, statement)
        statements += 1
assert 2 <= statements
os.chdir(folder)
shutil.rmtree(scratch)
print(f"sql: the view holds {len(counted)} reasons and {documents} documents as the report does; {statements} statements of the pages run")
