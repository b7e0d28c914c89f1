/** `npm run bench [-- NAME…]`: runs the benches of these names, or all, and prints their tables as Markdown. */
import {readdir} from 'node:fs/promises';

const folders = (await readdir(import.meta.dirname, {withFileTypes: true})).filter(entry => entry.isDirectory()).map(({name}) => name);
const asked = process.argv.slice(2);
const unknown = asked.find(name => !folders.includes(name));
if (unknown !== undefined) {
	process.stderr.write(`there is no bench "${unknown}": there are ${folders.join(', ')}\n`);
	process.exit(2);
}
for (const name of asked.length > 0 ? asked : folders) {
	console.log(`\n## ${name}\n`);
	const {default: bench}: {default: () => Promise<void>} = await import(`./${name}/index.ts`);
	await bench();
}
process.exit(0);
