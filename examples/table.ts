/**
 * A table of rows inside a model of one's own: users and films that learn from ratings.
 *
 *     npx -c 'node examples/table.ts'
 *
 * The table does the looking up and the summing of gradients, the optimizer the steps; the model between them, here
 * one product, is yours. In a project of your own the imports are `from "loci"` and `from "loci/net"`.
 */
import { EmbeddingTable, Matrix } from "../src/index.ts";
import { SparseAdam } from "../src/net/index.ts";

// An id may stand in a batch twice, and both its gradients count. Row 0 is padding: it is zero and stays so.
const table = new EmbeddingTable({ rows: 50_000, dim: 4, padding: 0, seed: 1 });
const before = table.matrix.data.slice();
const moved = (id: number): boolean => table.row(id).some((x, i) => x !== before[id * table.dim + i]);
console.log(`looked up: ${table.lookup([1, 1, 3]).rows} rows of ${table.dim}`);
table.accumulate(
  [1, 1, 3],
  Matrix.of([
    [1, 0, 0, 0],
    [2, 0, 0, 0],
    [0, 0, 0, 5],
  ]),
);
console.log(`gradient of row 1: ${table.gradientOf(1).join(" ")}`);
new SparseAdam({ learningRate: 1e-3 }).step(table); // touches rows 1 and 3 only
console.log(`rows that moved: ${[0, 1, 2, 3, 4].filter(moved).join(" ")}`);

// Ratings from -1 to 1. Users 0 to 2 like films 0 to 2 and users 3 to 5 films 3 to 5, but two of them are not told.
const hidden = new Set(["0 2", "4 1"]);
const pairs = Array.from({ length: 36 }, (_, i) => ({ user: Math.floor(i / 6), film: i % 6 }));
const ratings = pairs.map(({ user, film }) => ({ user, film, rating: user < 3 === film < 3 ? 1 : -1 }));
const told = ratings.filter(({ user, film }) => !hidden.has(`${user} ${film}`));

const users = new EmbeddingTable({ rows: 6, dim: 4, seed: 2 });
const films = new EmbeddingTable({ rows: 6, dim: 4, seed: 3 });
const adam = new SparseAdam({ learningRate: 0.005 });
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** One step over all that was told: prediction = user · film, loss = mean squared error. Returns the loss. */
function step(): number {
  const userIds = told.map(({ user }) => user);
  const filmIds = told.map(({ film }) => film);
  const userRows = users.lookup(userIds);
  const filmRows = films.lookup(filmIds);
  const errors = told.map(({ rating }, k) => dot(userRows.row(k), filmRows.row(k)) - rating);
  const scaled = (rows: Matrix): Matrix =>
    Matrix.of(errors.map((error, k) => Array.from(rows.row(k), (x) => (2 * error * x) / told.length)));
  users.accumulate(userIds, scaled(filmRows)); // ∂loss/∂user = 2 · error · film
  films.accumulate(filmIds, scaled(userRows));
  adam.step(users);
  adam.step(films);
  return errors.reduce((sum, error) => sum + error ** 2, 0) / told.length;
}

for (let i = 0; i <= 300; i++) {
  const loss = step();
  if (i % 100 === 0) console.log(`step ${i}: loss ${loss.toFixed(4)}`);
}
for (const { user, film, rating } of ratings.filter(({ user, film }) => hidden.has(`${user} ${film}`))) {
  console.log(`user ${user}, film ${film}: ${dot(users.row(user), films.row(film)).toFixed(2)} (in truth ${rating})`);
}
