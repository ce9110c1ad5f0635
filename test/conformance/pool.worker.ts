/** The script of the test pools' workers. */
import { serve } from "../../src/core/index.ts";
import { poolJobs } from "./pool-jobs.ts";

await serve(poolJobs);
