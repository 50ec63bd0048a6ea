/** A process that runs the commands which it is sent, one after the other, and answers with their exit statuses (`resident.ts`). */
const { run } = require(process.argv[2]);

process.on('message', async ({ args, cwd }) => {
  process.chdir(cwd);
  process.send(await run(args));
});
