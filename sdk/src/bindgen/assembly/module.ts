import {camelCase, functionName, pascalCase} from '@forgeone/wasm';
import type {Func, Home, RecordType, Resource, Scope, Type, VariantType, World} from '../model.ts';
import {File} from './file.ts';
import {authorNames, memberNames, Names} from './names.ts';

const arrays: Readonly<Record<string, string>> = {
	u8: 'Uint8Array',
	s8: 'Int8Array',
	u16: 'Uint16Array',
	s16: 'Int16Array',
	u32: 'Uint32Array',
	s32: 'Int32Array',
	u64: 'Uint64Array',
	s64: 'Int64Array',
	f32: 'Float32Array',
	f64: 'Float64Array',
};

/** The typed array that stands for a list of numbers; nothing for other lists. */
export const numberArray = (element: Type): string | undefined => (element.kind === 'primitive' ? arrays[element.name] : undefined);

/** The number type of AssemblyScript that stands for a primitive. */
export const primitiveName = (name: string): string => (/^s\d/.test(name) ? name.replace('s', 'i') : name);

/** Whether values of a type are references, of which some may be null. */
export const isReference = (type: Type): boolean => type.kind === 'option' || isObject(type);

/** Whether values of a type are objects, and never null. */
const isObject = (type: Type): boolean =>
	type.kind === 'primitive' ? type.name === 'string' : !['enum', 'flags', 'option'].includes(type.kind);

/** Whether some of an option has to be boxed, since its own type has no null to spare. */
export const boxed = (some: Type): boolean => !isObject(some);

/** Words for a type, as a part of the name of a function: those of its parts follow it, so that no two types have the same. */
function word(type: Type | undefined, named: (home: Home | undefined) => string): string {
	if (type === undefined) return 'Unit';
	const all = (name: string, ...parts: readonly (Type | undefined)[]): string => [name, ...parts.map(part => word(part, named))].join('_');
	switch (type.kind) {
		case 'primitive':
			return pascalCase(type.name);
		case 'list':
		case 'option':
			return all(pascalCase(type.kind), type.of);
		case 'result':
			return all('Result', type.ok, type.err);
		case 'tuple':
			return all(`Tuple${type.items.length}`, ...type.items);
		case 'own':
		case 'borrow':
			return `${pascalCase(type.kind)}_${named(type.resource.home)}`;
		default:
			return named(type.home);
	}
}

/** Names of types that would read as the words of others. */
const words = /^(Unit|List|Option|Result|Own|Borrow|Tuple\d+|Bool|Char|String|[USF]\d+)$/;

/** The files of a world, and how they name each other's things. */
export class Files {
	readonly world: World;
	readonly runtime = {tuples: new Set<number>(), area: 8, args: 0};
	readonly #files = new Map<Scope, File>();
	/** What has been named in words, by its name: others of that name get a number. */
	readonly #homes = new Map<string, Home[]>();
	readonly #paths = new Names('wit component world system');

	constructor(world: World) {
		this.world = world;
		for (const scope of [...world.imports, ...world.exports, world.root]) this.#files.set(scope, new File(this.#pathOf(scope)));
		for (const scope of this.#files.keys()) this.#name(scope);
	}

	get all(): Iterable<[Scope, File]> {
		return this.#files;
	}

	/** The shortest name that tells an interface from the others of its side: with its package, namespace and version where it must. */
	#pathOf({id, side}: Scope): string {
		if (side === 'world') return 'world';
		const of = (text: string): string[] => {
			const [name = '', version = ''] = text.split('@');
			const [namespace = '', pack = '', face = text] = name.includes('/') ? name.split(/[:/]/) : ['', '', name];
			return [
				face,
				`${pack}-${face}`,
				`${namespace}-${pack}-${face}`,
				`${namespace}-${pack}-${face}-${version.replace(/[^0-9a-z]+/gi, '-')}`,
			];
		};
		const others = (side === 'import' ? this.world.imports : this.world.exports)
			.filter(other => other.id !== id)
			.map(other => of(other.id));
		const names = of(id);
		const level = names.findIndex((name, i) => others.every(other => other[i] !== name));
		return this.#paths.claim(`${side}s/${names[level] ?? names.at(-1)}`.toLowerCase());
	}

	#name(scope: Scope): void {
		const file = this.of(scope);
		for (const {label, type} of scope.declarations) {
			const foreign = type.kind === 'resource' && scope.side === 'export' && type.home?.scope === scope;
			if (!foreign) file.types.set(label, file.names.claim(pascalCase(label)));
		}
		for (const {label, type} of scope.declarations) {
			if (type.kind === 'variant') file.tags.set(label, file.names.claim(`${file.types.get(label)}Tag`));
		}
		for (const {name} of scope.functions) {
			const {role, label} = functionName(name);
			if (role === 'function') file.functions.set(name, file.names.claim(camelCase(label)));
		}
	}

	of(scope: Scope): File {
		return this.#files.get(scope) as File;
	}

	/** Whether the author's file has the functions of the only interface at its top. */
	get flat(): boolean {
		return this.world.exports.length === 1 && this.world.functions.length === 0;
	}

	/** The namespace of an exported interface in the author's file. */
	namespace(scope: Scope): string {
		return authorNames().claim(camelCase(this.of(scope).path.replace('exports/', '')));
	}

	/** Where the author's things for a scope are: a prefix. */
	guest(scope: Scope, file: File): string {
		file.uses('Guest');
		return scope.side === 'world' || this.flat ? 'Guest.' : `Guest.${this.namespace(scope)}.`;
	}

	/** The name of a type of its own, as `file` writes it. */
	reference({scope, label}: Home, file: File): string {
		const of = this.of(scope);
		const name = of.types.get(label) as string;
		return of === file ? name : `${file.from(of.path)}.${name}`;
	}

	/** The class of a resource: generated where it is imported, the author's where it is exported. */
	resource({home}: Resource, file: File): string {
		// Every resource is declared by a scope before it is used.
		const {scope, label} = home as Home;
		return scope.side === 'export'
			? this.guest(scope, file) + this.authorNames(scope).types.get(label)
			: this.reference({scope, label}, file);
	}

	/** The names that an author gives to what a scope exports. */
	authorNames(scope: Scope): {types: Map<string, string>; functions: Map<string, string>} {
		const names = authorNames();
		const types = new Map<string, string>();
		const functions = new Map<string, string>();
		for (const {label, type} of scope.declarations) if (type.kind === 'resource') types.set(label, names.claim(pascalCase(label)));
		const all = scope.side === 'world' ? this.world.functions : scope.functions;
		for (const {name} of all) if (!name.startsWith('[')) functions.set(name, names.claim(camelCase(name)));
		return {types, functions};
	}

	/** A type as `file` writes it. */
	type(type: Type | undefined, file: File): string {
		if (type === undefined) return file.uses('Unit');
		switch (type.kind) {
			case 'primitive':
				return type.name === 'char' ? file.uses('char') : primitiveName(type.name);
			case 'list':
				return numberArray(type.of) ?? `Array<${this.type(type.of, file)}>`;
			case 'option':
				return boxed(type.of) ? `${file.uses('Some')}<${this.type(type.of, file)}> | null` : `${this.type(type.of, file)} | null`;
			case 'result':
				return `${file.uses('Result')}<${this.type(type.ok, file)}, ${this.type(type.err, file)}>`;
			case 'tuple':
				this.runtime.tuples.add(type.items.length);
				return `${file.uses(`Tuple${type.items.length}`)}<${type.items.map(item => this.type(item, file)).join(', ')}>`;
			case 'own':
			case 'borrow':
				return this.resource(type.resource, file);
			default:
				// Every type that WIT knows by a name is declared before it is used.
				return this.reference(type.home as Home, file);
		}
	}

	/** A word for a type within the names of functions, the same for the same type only. */
	word(type: Type): string {
		return word(type, home => this.#homeWord(home as Home));
	}

	#homeWord({scope, label}: Home): string {
		const name = pascalCase(label);
		const homes = this.#homes.get(name) ?? [];
		this.#homes.set(name, homes);
		let at = homes.findIndex(home => home.scope === scope && home.label === label);
		if (at < 0) at = homes.push({scope, label}) - 1;
		return at === 0 && !words.test(name) ? name : `${name}_${at + 1}`;
	}
}

/** The fields of a record with their names on its class. */
export function recordFields({fields}: RecordType): {type: Type; name: string; label: string}[] {
	const names = memberNames(fields.map(({label}) => label));
	return fields.map((field, i) => ({...field, name: names[i] as string}));
}

/** The names of a variant's cases. */
export const caseNames = ({cases}: VariantType): string[] =>
	memberNames(
		cases.map(({label}) => label),
		'tag',
	);

/** The types of a variant's payloads as `file` writes them, each once: a field of the class is for all that look the same. */
export const payloadTypes = ({cases}: VariantType, files: Files, file: File): Map<string, Type> =>
	new Map(cases.flatMap(({type}) => (type === undefined ? [] : [[files.type(type, file), type] as const])));

/** The payload out of its field, which is null where the case is another. */
export const payload = (type: Type, field: string, text: string): string =>
	isReference(type) && !text.endsWith('| null') ? `changetype<${text}>(${field})` : field;

/** The methods and statics of a resource, with the names that they have on its class. */
export function methodsOf(scope: Scope, label: string, ...reserved: readonly string[]): {func: Func; role: string; name: string}[] {
	const of = scope.functions.filter(({name}) => functionName(name).role !== 'function' && functionName(name).resource === label);
	const names = memberNames(
		of.map(func => functionName(func.name).label || 'new'),
		...reserved,
	);
	return of.map((func, i) => ({func, role: functionName(func.name).role, name: names[i] as string}));
}
