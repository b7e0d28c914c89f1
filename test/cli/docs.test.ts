import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import test from 'ava';
import {codes as codeType, page, sources, table} from '../../plugins/cli/scripts/errors.ts';
import {forgeOf, outcome} from './forge.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const freePort = () =>
	new Promise<number>(resolve => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			const {port} = server.address() as {port: number};
			server.close(() => resolve(port));
		});
	});

test('every command in the README does what it says', async t => {
	const forge = await forgeOf(t);
	const port = await freePort();
	const text = read('README.md').replaceAll('8080', String(port));
	const config = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? '';
	const lines = [...text.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('');
	const bin = join(root, 'plugins/cli/bin/forge.js');
	// npm ci has been run where this is; npx finds the same command.
	const script = `
		set -ex
		cd ${forge.folder}; ln -s ${root}/templates templates; printf '%s' "$CONFIG" > config.yaml
		npm() { [ "$*" = ci ]; }
		npx() { shift; ${process.execPath} ${bin} "$@"; [ "$1 $2" != "volume create" ] || cp config.yaml forge.config.yaml; }
		${lines}`;
	const env = {PATH: process.env.PATH, HOME: forge.home, FORGE_HOME: forge.home, CONFIG: config};
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
