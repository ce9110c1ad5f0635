/** The script that workers of this room run: bundled to one string by scripts/generate.ts. */
import { serve } from "../core/index.ts";
import { hnswJobs } from "./hnsw-jobs.ts";

await serve(hnswJobs);
