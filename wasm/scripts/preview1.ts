/**
 * Makes `dist/preview1.wasm`: a component around a dummy core module which imports all of WASI preview1. At load time a
 * module of the user's takes the dummy's place. The adapter inside is jco's; nothing of jco is needed afterwards.
 */
import {readFile, writeFile} from 'node:fs/promises';
import {componentNew, parse, print} from '@bytecodealliance/jco-transpile/wasm-tools';

/** Every function of preview1: its parameters, i for i32 and l for i64. Each but `proc_exit` gives an i32. */
const preview1: Readonly<Record<string, string>> = {
	args_get: 'ii',
	args_sizes_get: 'ii',
	clock_res_get: 'ii',
	clock_time_get: 'ili',
	environ_get: 'ii',
	environ_sizes_get: 'ii',
	fd_advise: 'illi',
	fd_allocate: 'ill',
	fd_close: 'i',
	fd_datasync: 'i',
	fd_fdstat_get: 'ii',
	fd_fdstat_set_flags: 'ii',
	fd_fdstat_set_rights: 'ill',
	fd_filestat_get: 'ii',
	fd_filestat_set_size: 'il',
	fd_filestat_set_times: 'illi',
	fd_pread: 'iiili',
	fd_prestat_dir_name: 'iii',
	fd_prestat_get: 'ii',
	fd_pwrite: 'iiili',
	fd_read: 'iiii',
	fd_readdir: 'iiili',
	fd_renumber: 'ii',
	fd_seek: 'ilii',
	fd_sync: 'i',
	fd_tell: 'ii',
	fd_write: 'iiii',
	path_create_directory: 'iii',
	path_filestat_get: 'iiiii',
	path_filestat_set_times: 'iiiilli',
	path_link: 'iiiiiii',
	path_open: 'iiiiillii',
	path_readlink: 'iiiiii',
	path_remove_directory: 'iii',
	path_rename: 'iiiiii',
	path_symlink: 'iiiii',
	path_unlink_file: 'iii',
	poll_oneoff: 'iiii',
	proc_exit: 'i',
	proc_raise: 'i',
	random_get: 'ii',
	sched_yield: '',
	sock_accept: 'iii',
	sock_recv: 'iiiiii',
	sock_send: 'iiiii',
	sock_shutdown: 'ii',
};

const imports = Object.entries(preview1).map(([name, params]) => {
	const types = [...params].map(letter => (letter === 'i' ? 'i32' : 'i64')).join(' ');
	const result = name === 'proc_exit' ? '' : '(result i32)';
	return `(import "wasi_snapshot_preview1" "${name}" (func (param ${types}) ${result}))`;
});
const dummy = await parse(`(module ${imports.join('\n')} (memory (export "memory") 0) (func (export "_start")))`);
const jco = import.meta.resolve('@bytecodealliance/jco');
const adapter = await readFile(new URL('../lib/wasi_snapshot_preview1.command.wasm', jco));
const component = await componentNew(dummy, [['wasi_snapshot_preview1', adapter]]);

/** Each text takes the place of the one before it, which must be there exactly once. */
function edit(text: string, changes: readonly (readonly [from: RegExp, to: string])[]): string {
	return changes.reduce((changed, [from, to]) => {
		const count = changed.match(new RegExp(from, 'g'))?.length;
		if (count !== 1) throw new Error(`${from} is ${count ?? 0} times in the component that the adapter makes`);
		return changed.replace(from, to);
	}, text);
}

/** Code of the adapter that gives `badf` for no descriptor, where there is nothing to read or write, and which would look no further otherwise. */
const check =
	'(if (i32.and (i32.eqz (local.get 2)) (i32.eq (call $fd_advise (local.get 0) (i64.const 0) (i64.const 0) (i32.const 0)) (i32.const 8))) (then (return (i32.const 8))))';

// The adapter knows only that a program went well or not; `exit-with-code` takes the very argument of `proc_exit`.
const changed = edit(await print(component), [
	[/(\(export \(;0;\) "exit" \(func \(type 1\)\)\))/, '$1 (export "exit-with-code" (func (param "status-code" u8)))'],
	[
		/(\(core instance[^\n]*\n(?:\s+\(export "[a-z_]+" \(func [^\n]*\n)*?\s+\(export "proc_exit" \(func )[^)]*\)/,
		`(alias export $wasi:cli/exit@0.2.12 "exit-with-code" (func $exit-with-code))
		(core func $exit-with-code (canon lower (func $exit-with-code)))
		$1$exit-with-code)`,
	],
	// Its pages are those at the end of the memory, which the command does not see, and not new ones amid what the command takes for its own.
	[
		/i32\.const 1\s+memory\.grow/,
		'(global.set $taken (i32.add (global.get $taken) (i32.const 1))) (i32.sub (memory.size) (global.get $taken))',
	],
	[/(\(global \$allocation_state [^\n]*)/, '$1 (global $taken (mut i32) (i32.const 0))'],
	...['fd_pread', 'fd_pwrite', 'fd_read', 'fd_write'].map(
		name => [new RegExp(`(\\(func \\$${name} \\(;\\d+;\\) [^\\n]*\\n\\s+\\(local [^\\n]*\\))`), `$1 ${check}`] as const,
	),
]);
const template = await parse(changed);
for (const folder of ['dist', 'lib']) await writeFile(new URL(`../${folder}/preview1.wasm`, import.meta.url), template);
