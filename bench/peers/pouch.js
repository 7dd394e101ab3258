// Two PouchDB databases on leveldb; one command a line on stdin, one answer a line on stdout.
const { createRequire } = require("node:module");
const PouchDB = createRequire(`${process.argv[2]}/`)("pouchdb");
const lines = require("node:readline").createInterface({ input: process.stdin });
const databases = {};

function open(name) {
  databases[name] ??= new PouchDB(name);
  return databases[name];
}

function document(line) {
  const said = JSON.parse(line);
  return { _id: `${said.staff}-${String(said.seq).padStart(9, "0")}`, ...said };
}

async function run({ op, db, url, lines: actions, batch }) {
  const options = { batch_size: batch };
  if (op === "add") {
    for (let first = 0; first < actions.length; first += 1000)
      await open(db).bulkDocs(actions.slice(first, first + 1000).map(document));
    return actions.length;
  }
  if (op === "to") return (await open(db).replicate.to(url, options)).docs_written;
  if (op === "from") return (await open(db).replicate.from(url, options)).docs_written;
  const told = await open(db).sync(url, options);
  return told.push.docs_written + told.pull.docs_written;
}

(async () => {
  for await (const line of lines) {
    let told;
    try {
      told = { done: await run(JSON.parse(line)) };
    } catch (error) {
      told = { error: String(error) };
    }
    console.log(JSON.stringify(told));
  }
  process.exit(0);
})();
