import {functionName, type Members, type ResourceType, type Signature, type Typed, type ValueType} from '@forgeone/wasm';
import {keywords} from '../../bindgen/tokens.ts';

/** The declarations of an interface, or of the world itself, by their names as in the binary: each on one line, without its semicolon. */
export type Declarations = ReadonlyMap<string, string>;

/** One side of a world: interfaces by name, and under no name what stands in the world itself. */
export type Side = ReadonlyMap<string, Declarations>;

/** What a component asks for and gives. */
export interface Sides {
	readonly imports: Side;
	readonly exports: Side;
}

/** A name as WIT writes it. */
export const escaped = (label: string): string => (keywords.has(label) ? `%${label}` : label);

/** The label of a flag, which types have by its name in JavaScript; in small letters, whatever it was. */
const kebab = (key: string): string => key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** Under which name a type of this scope can be mentioned: a value's by itself and by its shape, a resource by its number. */
type Names = Map<ValueType | string | number, string>;

/** The interface and the label under which a type came first: a resource by its number, a value's by its shape, and by its shape and label. */
type Homes = Map<number | string, readonly [scope: string, label: string]>;

/** Kinds of type that WIT only knows by a name. */
const nominal = /^(record|variant|enum|flags)$/;

const labelled = (entries: readonly (readonly [string, string | undefined])[], by: (label: string, type: string) => string): string =>
	entries.map(([label, type]) => (type === undefined ? escaped(label) : by(escaped(label), type))).join(', ');

function typeText(type: ValueType, names: Names): string {
	const known = names.get(type) ?? (nominal.test(type.kind) ? names.get(type.key) : undefined);
	if (known !== undefined) return escaped(known);
	const of = (part: ValueType): string => typeText(part, names);
	const maybe = (part: ValueType | undefined): string => (part === undefined ? '_' : of(part));
	switch (type.kind) {
		case 'list':
			return type.length === undefined ? `list<${of(type.element)}>` : `list<${of(type.element)}, ${type.length}>`;
		case 'option':
			return `option<${of(type.some)}>`;
		case 'result':
			if (type.err !== undefined) return `result<${maybe(type.ok)}, ${of(type.err)}>`;
			return type.ok === undefined ? 'result' : `result<${of(type.ok)}>`;
		case 'tuple':
			return `tuple<${type.items.map(of).join(', ')}>`;
		case 'map':
			return `map${of(type.entries.element).replace(/^tuple/, '')}`;
		case 'own':
		case 'borrow': {
			const resource = escaped(names.get(type.resource.id) ?? type.resource.name);
			return type.kind === 'own' ? resource : `borrow<${resource}>`;
		}
		case 'stream':
		case 'future':
			return type.element === undefined ? type.kind : `${type.kind}<${of(type.element)}>`;
		case 'record':
			return `record { ${labelled(
				type.fields.map(field => [field.label, of(field.type)]),
				(label, text) => `${label}: ${text}`,
			)} }`;
		case 'variant':
			return `variant { ${labelled(
				type.cases.map(entry => [entry.label, entry.type && of(entry.type)]),
				(label, text) => `${label}(${text})`,
			)} }`;
		case 'enum':
			return `enum { ${type.labels.map(escaped).join(', ')} }`;
		case 'flags':
			return `flags { ${type.labels.map(label => escaped(kebab(label))).join(', ')} }`;
		default:
			return type.kind;
	}
}

/** Whether a part of a type has no name here: it came with a type that another interface declares. */
const nameless = (text: string): boolean => /[(<:,] ?(record|variant|enum|flags) \{/.test(text);

function declareType(label: string, type: ValueType, scope: string, names: Names, homes: Homes): string {
	const text = typeText(type, names);
	const home = nominal.test(type.kind) ? homes.get(`${type.key} ${label}`) : undefined;
	const [from, name] = home ?? (nameless(text) ? homes.get(type.key) : undefined) ?? [scope, label];
	if (from !== scope) return declareUse(from, name, scope, label);
	const [, keyword, body] = /^(record|variant|enum|flags) (\{.*\})$/s.exec(text) ?? [];
	return keyword === undefined ? `type ${escaped(label)} = ${text}` : `${keyword} ${escaped(label)} ${body}`;
}

function declareFunction(name: string, {type}: Extract<Typed, {kind: 'function'}>, names: Names): string {
	const {role, label} = functionName(name.replace(/^\[async(?: |-)?/, '['));
	const params = type.params.slice(role === 'method' ? 1 : 0).map(param => `${escaped(param.label)}: ${typeText(param.type, names)}`);
	if (role === 'constructor') return `constructor(${params.join(', ')})`;
	const result = type.result === undefined ? '' : ` -> ${typeText(type.result, names)}`;
	const kind = `${role === 'static' ? 'static ' : ''}${type.async ? 'async ' : ''}func`;
	return `${escaped(label)}: ${kind}(${params.join(', ')})${result}`;
}

/** The name of an interface as another one writes it: within a package, without the package. */
function nearer(name: string, from: string): string {
	const [path, label = '', version = ''] = name.split(/[/@]/);
	const [own, , same = ''] = from.split(/[/@]/);
	return path === own && version === same ? escaped(label) : name;
}

const declareUse = (home: string, name: string, scope: string, label: string): string =>
	`use ${nearer(home, scope)}.{${escaped(name)}${name === label ? '' : ` as ${escaped(label)}`}}`;

function declareResource(label: string, type: ResourceType, scope: string, homes: Homes): string {
	const [home, name] = homes.get(type.id) ?? [scope, label];
	if (home !== scope) return declareUse(home, name, scope, label);
	return name === label ? `resource ${escaped(label)}` : `type ${escaped(label)} = ${escaped(name)}`;
}

function declare(scope: string, members: Members, homes: Homes, names: Names = new Map()): Declarations {
	const all = new Map<string, string>();
	const keep = (name: string, ...keys: (ValueType | string | number)[]) => {
		for (const key of keys) {
			if (!names.has(key)) names.set(key, name);
			// Others can only name what is in an interface of a package.
			const place = typeof key === 'string' ? [key, `${key} ${name}`] : typeof key === 'number' ? [key] : [];
			for (const at of scope.includes('/') ? place : []) if (!homes.has(at)) homes.set(at, [scope, name]);
		}
	};
	for (const [name, of] of members) {
		if (of.kind === 'function') all.set(name, declareFunction(name, of, names));
		if (of.kind === 'type') {
			all.set(name, declareType(name, of.type, scope, names, homes));
			keep(name, of.type, of.type.key);
		}
		if (of.kind === 'resource') {
			all.set(name, declareResource(name, of.type, scope, homes));
			keep(name, of.type.id);
		}
	}
	return all;
}

/** All that a component declares. A type that an interface has from another one is named where it came first. */
export function declareWorld({imports, exports}: Signature): Sides {
	const homes: Homes = new Map();
	// What a world exports may mention the types that it imports.
	const names: Names = new Map();
	const side = (members: Members): Side => {
		const interfaces = [...members].flatMap(([name, of]) =>
			of.kind === 'instance' ? [[name, declare(name, of.members, homes)] as const] : [],
		);
		const own = new Map([...members].filter(([, of]) => of.kind !== 'instance'));
		return new Map([...interfaces, ['', declare('', own, homes, names)]]);
	};
	return {imports: side(imports), exports: side(exports)};
}

/** Whether a declaration is that of a function. */
export const isFunction = (text: string): boolean => /^constructor\(|^[^ ]+: (static )?(async )?func\(/.test(text);
