import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {codes as codeType, page, sources, table} from '../../plugins/cli/scripts/errors.ts';
import {commandsOf, freePort} from '../support/pages.ts';
import {forgeOf, outcome} from './forge.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('every command in the README does what it says, but for those of a plugin, which have a test of their own', async t => {
	const forge = await forgeOf(t);
	const port = await freePort();
	// Those are tried from the packed packages, in test/templates.
	const text = read('README.md')
		.replace(/^## Write a plugin\n.*?(?=^## )/ms, '')
		.replaceAll('8080', String(port));
	const config = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';
	const bin = join(root, 'plugins/cli/bin/forge.js');
	// npm ci has been run where this is; npx finds the same command.
	const script = `
		set -ex
		cd ${forge.folder}; ln -s ${root}/templates templates; printf '%s' "$CONFIG" > config.yaml
		npm() { [ "$*" = ci ]; }
		npx() { shift; ${process.execPath} ${bin} "$@"; [ "$1 $2" != "volume create" ] || cp config.yaml forge.config.yaml; }
		${commandsOf(text)}`;
	const env = {...forge.env, CONFIG: config};
	const {code, out, err} = await outcome(spawn('bash', ['-c', script], {env}));
	t.is(code, 0, err);
	for (const shown of [
		/^Hello from Ada!$/m,
		/^Hello from ForgeOne! You asked for GET \/$/m,
		/^through a pipe$/m,
		/^Hej from ForgeOne!$/m,
	]) {
		t.regex(out, shown);
	}
});

test('the codes that are thrown are those of the tables, and those of the page', t => {
	const thrown = new Set(
		sources.flatMap(file =>
			[...readFileSync(file, 'utf8').matchAll(/\.(FORGE_\w+)\(|'(FORGE_\w+)'/g)].map(([, made, named]) => made ?? named),
		),
	);
	const codes = table.map(({code}) => code);
	t.deepEqual([...thrown].sort(), codes);
	t.is(read('plugins/cli/ERRORS.md'), page, 'run node plugins/cli/scripts/errors.ts');
	t.is(read('sdk/src/generated/error-codes.ts'), codeType, 'run node plugins/cli/scripts/errors.ts');
});
