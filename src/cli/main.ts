#!/usr/bin/env node
/** The program: a command, run in a process of its own. */
import { run } from './run.js';

// Output is written synchronously. A pending read of standard input must not keep the process alive.
run(process.argv.slice(2)).then((status) => process.exit(status));
