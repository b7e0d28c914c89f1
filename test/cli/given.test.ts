import test from 'ava';
import fc from 'fast-check';
import {readRun} from '../../plugins/cli/src/given.ts';

// As it is built, with its oclif.
const {default: Run} = await import(new URL('../../plugins/cli/lib/commands/run.js', import.meta.url).href);

/** What oclif makes of the words after `run`. */
async function byOclif(argv: readonly string[]) {
	const command = new Run([...argv], {runHook: async () => ({successes: []})});
	const {flags, raw} = await command.parse(Run);
	return {flags, words: raw.flatMap(({type, input}: {type: string; input: string}) => (type === 'arg' ? [input] : []))};
}

const names = Object.entries<{char?: string}>(Run.flags).flatMap(([name, {char}]) => [`--${name}`, ...(char ? [`-${char}`] : [])]);
const values = ['a', 'A=b', 'A=', '=', '', '-', '--', '-1', '--x', 'no', 'always', 'thread', '8080', './a:/b', '/c.wasm', 'é ü'];
const value = fc.constantFrom(...values);
const flag = fc.constantFrom(...names);
const word = fc.oneof(
	value,
	flag,
	fc.tuple(flag, value).map(([name, given]) => `${name}=${given}`),
	fc.tuple(flag, value).map(([name, given]) => name + given),
	fc.string({maxLength: 4}),
);
/** A flag with a value where it takes one, or a word alone. */
const part: fc.Arbitrary<string[]> = fc
	.tuple(fc.constantFrom('', ...names), value)
	.map(([name, given]) => (['--rm', '--detach', '-d'].includes(name) ? [name] : name === '' ? [given] : [name, given]));
const line: fc.Arbitrary<string[]> = fc.oneof(
	fc.array(word, {maxLength: 8}),
	fc.array(part, {maxLength: 5}).map(parts => parts.flat()),
);

test('a command line of run that is read without oclif says what oclif would read, and one that is not is left to it', async t => {
	let read = 0;
	await fc.assert(
		fc.asyncProperty(line, async argv => {
			const given = readRun(argv);
			if (!given) return;
			read++;
			const usual = {memory: Run.flags.memory.default, restart: 'no', rm: false};
			t.deepEqual({flags: {...usual, ...given.flags}, words: given.words}, await byOclif(argv), argv.join(' '));
		}),
		{numRuns: 2_000},
	);
	t.true(read > 100, `${read} were read`);
});
