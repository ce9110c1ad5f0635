/** Linear algebra and statistics, plain and in float64: small things, and the judges of large ones. */
export { procrustes } from "./procrustes.ts";
export { averagePrecision, ndcg, precisionAt, recallAt, reciprocalRank } from "./ranking.ts";
export { softmax } from "./softmax.ts";
export { mean, pearson, ranks, spearman } from "./statistics.ts";
export { svd } from "./svd.ts";
export type { Dense, Dense64, Svd } from "./svd.ts";
export { TopK, byScore } from "./top-k.ts";
export type { Hit } from "./top-k.ts";
export { cosine, dot, euclidean, norm, normalize, squaredEuclidean } from "./vectors.ts";
export { principalAxes } from "./principal-axes.ts";
export type { PrincipalAxes } from "./principal-axes.ts";
