import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {readWit, resolveWorld} from '@forgeone/sdk/bindgen';
import test from 'ava';

/** A folder of WIT with these files. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'forge-wit-'));
	await mkdir(join(folder, 'deps'));
	for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
	return folder;
}

const worldOf = async (text: string, more: Readonly<Record<string, string>> = {}) => {
	const wit = await readWit(await folderOf({'world.wit': `package a:b;\nworld w {\n${text}\n}\n`, ...more}));
	return {wit, world: await resolveWorld(wit)};
};

const packages = (files: readonly {readonly file: string}[]) => files.map(({file}) => file).filter(file => file.includes(':'));

test('contracts of ours need not be copied into a project, and only what is spoken of is supplied', async t => {
	const {wit, world} = await worldOf('\texport forgeone:storage/store@0.1.0;');
	t.deepEqual(
		world.exports.map(({id}) => id),
		['forgeone:storage/store@0.1.0'],
	);
	t.deepEqual(packages(wit.files), ['forgeone:storage@0.1.0', 'forgeone:kernel@0.1.0']);
	t.regex(wit.docs.get('forgeone:storage@0.1.0 store') ?? '', /each caller its own/);
	t.deepEqual(packages((await worldOf('')).wit.files), []);
});

test('WASI is supplied in the version that is asked for, as far as the same minor version goes', async t => {
	for (const version of ['0.2.0', '0.2.6', '0.2.12']) {
		const {wit, world} = await worldOf(`\timport wasi:cli/stdout@${version};\n\texport wasi:cli/run@${version};`);
		t.true(world.imports.some(({id}) => id === `wasi:cli/stdout@${version}`));
		t.true(packages(wit.files).every(id => id.endsWith(`@${version}`)));
	}
	for (const id of [
		'wasi:http/types@0.2.12',
		'wasi:keyvalue/batch@0.2.0-draft2',
		'wasi:config/store@0.2.0-rc.1',
		'wasi:random/random@0.3.0',
	])
		t.true((await worldOf(`\timport ${id};`)).world.imports.some(one => one.id === id));
	t.true((await worldOf('\tinclude wasi:cli/command@0.2.0;')).world.imports.length > 20);
});

test('a version that is not there is refused with the place and with those that are', async t => {
	const refusal = async (line: string) => (await t.throwsAsync(worldOf(line), {code: 'FORGE_BINDGEN_VERSION'}))?.message ?? '';
	t.regex(
		await refusal('\texport forgeone:storage/store@0.2.0;'),
		/^"\S+world\.wit" line 3 column 9: there is no "forgeone:storage@0\.2\.0", but "forgeone:storage@0\.1\.0"$/,
	);
	t.regex(await refusal('\timport wasi:io/poll@0.2.13;'), /no "wasi:io@0\.2\.13", but "wasi:io@0\.2\.12"$/);
	t.regex(await refusal('\timport wasi:cli/run@0.1.0;'), /no "wasi:cli@0\.1\.0", but "wasi:cli@0\.2\.12" and "wasi:cli@0\.3\.0"$/);
	t.regex(await refusal('\timport wasi:cli/run;'), /no "wasi:cli", but "wasi:cli@0\.2\.12"/);
	await t.throwsAsync(worldOf('\timport wasi:none/run@1.0.0;'), {
		code: 'FORGE_BINDGEN_SYNTAX',
		message: /line 3 column 9: package 'wasi:none@1\.0\.0' not found/,
	});
});

test('what a project has of its own is not supplied', async t => {
	const own = 'package forgeone:storage@0.2.0;\ninterface store {\n\tget: func() -> u32;\n}\n';
	const {world, wit} = await worldOf('\texport forgeone:storage/store@0.2.0;', {'deps/storage.wit': own});
	t.is(world.exports[0]?.functions.length, 1);
	t.deepEqual(packages(wit.files), []);
});
