/**
 * Runs what is in a folder: every `.wast` script, and every suite of a checkout of WebAssembly/wasi-testsuite.
 * `npm run conformance -- <folder> [--all] [--metered]`.
 */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type Outcome, run} from './script.ts';
import {runSuites} from './wasi.ts';

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
	process.stderr.write('usage: npm run conformance -- <folder of .wast, or of wasi-testsuite> [--all] [--metered]\n');
	process.exit(2);
}

const all: Outcome[] = [];

function summary(outcomes: readonly Outcome[]): string {
	const count = (wanted: Outcome['verdict']) => outcomes.filter(({verdict}) => verdict === wanted).length;
	return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

function report(name: string, outcomes: readonly Outcome[]): void {
	console.log(`${name}: ${summary(outcomes)}`);
	for (const {verdict, line, what, reason} of outcomes) {
		if (verdict === 'failed' || (verdict === 'skipped' && flags.includes('--all')))
			console.log(`  ${verdict} ${line ?? ''} ${what}: ${reason}`);
	}
	all.push(...outcomes);
}

const found = await readdir(folder, {recursive: true}).catch((error: Error) => {
	process.stderr.write(`the folder "${folder}" can not be read: ${error.message}\n`);
	process.exit(2);
});
const files = found.filter(name => name.endsWith('.wast')).sort();
for (const file of files) report(file, await run(await readFile(join(folder, file), 'utf8'), {metered: flags.includes('--metered')}));
const suites = await runSuites(folder, found, report);
console.log(`${files.length} files, ${suites} suites: ${summary(all)}`);
process.exit(all.some(({verdict}) => verdict === 'failed') ? 1 : 0);
