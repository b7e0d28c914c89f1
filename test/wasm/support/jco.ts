import {$init, generate} from '@bytecodealliance/jco-transpile/component';

/** Any component's exports. */
export type Exports = Readonly<Record<string, Readonly<Record<string, (...args: unknown[]) => unknown>>>>;

interface Instantiate {
	instantiate(core: (path: string) => WebAssembly.Module, imports: unknown, make: unknown): Exports;
}

/** The same component as jco transpiles it: the oracle. `asynchronous` names the imports and exports that use JSPI. */
export async function transpiled(
	bytes: Uint8Array,
	imports: unknown,
	asynchronous?: {imports: string[]; exports: string[]},
): Promise<Exports> {
	await $init;
	const asyncMode = asynchronous && {tag: 'jspi', val: asynchronous};
	const {files} = generate(bytes, {
		name: 'guest',
		instantiation: {tag: asynchronous ? 'async' : 'sync'},
		noTypescript: true,
		noNodejsCompat: true,
		...(asyncMode && {asyncMode}),
	} as never) as {files: [string, Uint8Array][]};
	const contents = new Map(files);
	const script = Buffer.from(contents.get('guest.js') as Uint8Array).toString('base64');
	const {instantiate} = (await import(`data:text/javascript;base64,${script}`)) as Instantiate;
	const core = (path: string): WebAssembly.Module => new WebAssembly.Module(contents.get(path) as Uint8Array);
	return instantiate(core, imports, (module: WebAssembly.Module, given: WebAssembly.Imports) => new WebAssembly.Instance(module, given));
}
