/** The script that workers of this room run: bundled to one string by scripts/generate.ts. */
import { serve } from "../core/index.ts";
import { gloveJobs } from "./glove-jobs.ts";
import { word2vecJobs } from "./word2vec-jobs.ts";

await serve({ ...gloveJobs, ...word2vecJobs });
