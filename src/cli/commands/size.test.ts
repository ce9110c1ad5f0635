import assert from "node:assert/strict";
import { test } from "node:test";
import { runCaught } from "../testing.ts";

const sizeOf = async (...argv: string[]) => JSON.parse((await runCaught(["size", ...argv, "--json"])).stdout);

test("size counts the tables that people quote, in decimal and in binary units", async () => {
  const bert = await sizeOf("50_000", "768");
  assert.equal(bert.parameters, 38_400_000);
  assert.equal(bert.bytes, 153_600_000);
  assert.equal(bert.megabytes, 153.6);
  assert.equal(bert.mebibytes, 146.484375);
  assert.equal((await sizeOf("100,000", "512")).parameters, 51_200_000);
  assert.equal((await sizeOf("32000", "1024")).mebibytes, 125);
  assert.equal((await sizeOf("1e4", "512")).parameters, 5_120_000);
  assert.equal((await sizeOf("50000", "768", "--bytes-per-number", "2")).bytes, 76_800_000);
});

test("size says both units to people", async () => {
  const { stdout } = await runCaught(["size", "50000", "768"]);
  assert.match(stdout, /38,400,000 parameters/);
  assert.match(stdout, /153\.6 MB \(decimal\) = 146\.5 MiB \(binary\)/);
});

test("the table's share of a transformer falls with its width and doubles its parameters when untied", async () => {
  const { models } = await sizeOf("50000", "768", "--layers", "12", "--model-width", "256,768,4096");
  assert.deepEqual(
    models.map(({ width }: { width: number }) => width),
    [256, 768, 4096],
  );
  // By hand at width 768: table 38.4 M, layers 12 × (12 × 768² + 13 × 768) = 85,054,464.
  assert.equal(models[1].layerParameters, 85_054_464);
  assert.equal(models[1].tableShare, 38_400_000 / (38_400_000 + 85_054_464));
  assert.ok(models[0].tableShare > models[1].tableShare && models[1].tableShare > models[2].tableShare);
  const untied = await sizeOf("50000", "768", "--layers", "12", "--untied");
  assert.equal(untied.models[0].tableParameters, 76_800_000);
});
