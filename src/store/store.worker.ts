/** The script of the threads that SQLite runs on. */
import { serve } from "../core/index.ts";
import { sqliteJobs } from "./sqlite/jobs.ts";

void serve(sqliteJobs);
