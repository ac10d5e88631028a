// Each line of standard input is a payload in base64; each line of standard output what sparkplug-payload reads of it.
const { get } = require("sparkplug-payload");
const decoder = get("spBv1.0");
const plain = (_, held) => (held && typeof held === "object" && "low" in held && "high" in held ? Number(held) : held);
for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  console.log(JSON.stringify(decoder.decodePayload(Buffer.from(line, "base64")), plain));
}
