import type {World} from '../model.ts';
import {declareTypes} from './declare.ts';
import {component} from './exports.ts';
import {importScope} from './imports.ts';
import {Files} from './module.ts';
import {comment} from './names.ts';
import {runtimeText} from './runtime.ts';
import {skeleton} from './skeleton.ts';
import {system} from './system.ts';
import {Values} from './values.ts';

/** The bindings of a world. */
export interface Bindings {
	/** The files, by their path below the folder of bindings. `component.ts` is where the compiler starts. */
	readonly files: ReadonlyMap<string, string>;
	/** Functions that the compiler is to use for its own, as `name=path/name` with the path below that folder. */
	readonly uses: readonly string[];
	/** An author's file to begin with: everything that the world exports, not written yet. */
	readonly skeleton: string;
}

/** Where things are, as modules are imported: the author's from the folder of bindings, and that folder from the author's. */
export interface Places {
	readonly author: string;
	readonly bindings: string;
}

/** Writes bindings for AssemblyScript. The same world gives the same text. */
export function generate(world: World, {author, bindings}: Places = {author: '../app', bindings: './bindings'}): Bindings {
	const files = new Files(world);
	const values = new Values(files);
	for (const scope of [...world.imports, world.root, ...world.exports]) declareTypes(scope, files);
	for (const scope of [...world.imports, world.root]) importScope(scope, values);
	const entry = component(values);
	const texts = new Map<string, string>();
	for (const [scope, file] of files.all) {
		if (file.body.length + file.plumbing.length === 0 && file.types.size === 0) continue;
		const what = scope.side === 'world' ? 'What stands in the world itself' : `${scope.id}, ${scope.side}ed`;
		texts.set(`${file.path}.ts`, file.text(head(world, what, scope.docs), scope.side === 'world' ? author : further(author)));
	}
	texts.set('component.ts', entry.text(head(world, 'The functions of the component'), author));
	const {file: host, options} = system(files);
	texts.set('system.ts', host.text(head(world, 'What the compiler asks for'), undefined));
	texts.set('wit.ts', `${head(world, 'What all bindings share')}\n\n${runtimeText(files)}`);
	return {files: texts, uses: options, skeleton: skeleton(files, bindings)};
}

/** A module as it is imported from one folder further down. */
const further = (path: string): string => (path.startsWith('./') ? `.${path}` : path.startsWith('../') ? `../${path}` : path);

function head(world: World, what: string, docs = ''): string {
	const made = `// ${what}, for the world ${world.id}. Made by forge bindgen: changes are lost when it is made again.`;
	return [made, '// @ts-nocheck', ...comment(docs)].join('\n');
}
