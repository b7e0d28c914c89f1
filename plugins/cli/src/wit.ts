import type {FuncType, ResourceType, Signature, Typed, ValueType} from '@forgeone/wasm';

/** An interface, with its functions as WIT writes them; a function of the world itself has none. */
export interface Interface {
	readonly name: string;
	readonly functions: readonly string[];
}

type Names = ReadonlyMap<string | ResourceType, string>;

/** The names that an interface gives to its types, by their shapes, and to its resources. */
function namesOf(members: ReadonlyMap<string, Typed>): Names {
	const named = [...members].flatMap(([name, member]): (readonly [string | ResourceType, string])[] => {
		if (member.kind === 'resource') return [[member.type, name]];
		return member.kind === 'type' ? [[member.type.key, name]] : [];
	});
	return new Map(named.reverse());
}

function typeText(type: ValueType, names: Names): string {
	const known = names.get(type.key);
	if (known !== undefined) return known;
	const of = (part: ValueType | undefined): string => (part === undefined ? '_' : typeText(part, names));
	switch (type.kind) {
		case 'list':
			return `list<${of(type.element)}${type.length === undefined ? '' : `, ${type.length}`}>`;
		case 'option':
			return `option<${of(type.some)}>`;
		case 'tuple':
			return `tuple<${type.items.map(of).join(', ')}>`;
		case 'result':
			return type.ok || type.err ? `result<${[type.ok, ...(type.err ? [type.err] : [])].map(of).join(', ')}>` : 'result';
		case 'own':
			return names.get(type.resource) ?? 'resource';
		case 'borrow':
			return `borrow<${names.get(type.resource) ?? 'resource'}>`;
		case 'stream':
		case 'future':
			return type.element ? `${type.kind}<${of(type.element)}>` : type.kind;
		default:
			return type.kind;
	}
}

/** `get: func(key: string) -> option<string>`; of a resource `input-stream.read: func(len: u64)`. */
function functionText(name: string, {params, result, async}: FuncType, names: Names): string {
	const [, role, label = name] = /^\[(?:async )?(constructor|method|static)\](.*)$/s.exec(name) ?? [];
	const given = (role === 'method' ? params.slice(1) : params).map(({label, type}) => `${label}: ${typeText(type, names)}`);
	return `${label}: ${async ? 'async ' : ''}func(${given.join(', ')})${result === undefined ? '' : ` -> ${typeText(result, names)}`}`;
}

function interfaces(members: Signature['imports']): Interface[] {
	const root = namesOf(members);
	return [...members].flatMap(([name, member]) => {
		if (member.kind === 'function') return [{name: functionText(name, member.type, root), functions: []}];
		if (member.kind !== 'instance') return [];
		const names = namesOf(member.members);
		const functions = [...member.members].flatMap(([name, one]) => (one.kind === 'function' ? [functionText(name, one.type, names)] : []));
		return [{name, functions}];
	});
}

/** The world of a component: what it imports and what it exports, in the order of its binary. */
export const worldOf = ({imports, exports}: Signature) => ({imports: interfaces(imports), exports: interfaces(exports)});
