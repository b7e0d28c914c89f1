/** Runs every `.wast` script of a folder: `npm run conformance -- <folder> [--all] [--metered]`. */
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {type Outcome, run} from './script.ts';

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined) {
	process.stderr.write('usage: npm run conformance -- <folder of .wast> [--all] [--metered]\n');
	process.exit(2);
}

const count = (outcomes: readonly Outcome[], verdict: Outcome['verdict']): number =>
	outcomes.filter(outcome => outcome.verdict === verdict).length;

function report(file: string, outcomes: readonly Outcome[]): void {
	const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map(verdict => count(outcomes, verdict));
	console.log(`${file}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
	for (const {verdict, line, what, reason} of outcomes) {
		if (verdict === 'failed' || (verdict === 'skipped' && flags.includes('--all'))) console.log(`  ${verdict} ${line} ${what}: ${reason}`);
	}
}

const found = await readdir(folder, {recursive: true}).catch((error: Error) => {
	process.stderr.write(`the folder "${folder}" can not be read: ${error.message}\n`);
	process.exit(2);
});
const files = found.filter(name => name.endsWith('.wast')).sort();
const all: Outcome[] = [];
for (const file of files) {
	const outcomes = await run(await readFile(join(folder, file), 'utf8'), {metered: flags.includes('--metered')});
	report(file, outcomes);
	all.push(...outcomes);
}
console.log(`${files.length} files: ${count(all, 'passed')} passed, ${count(all, 'failed')} failed, ${count(all, 'skipped')} skipped`);
process.exitCode = count(all, 'failed') > 0 ? 1 : 0;
