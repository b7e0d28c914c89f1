import type {TypeDef, ValueRef} from '../decode/ast.ts';
import type {ForgeError} from '../error.ts';
import {errors} from '../errors.ts';

/** The refusal of a component that needs something by this name. */
export const unsupported = (feature: string): ForgeError => errors.FORGE_COMPONENT_UNSUPPORTED({feature, where: ''});

/** A type as written, in the scope that its indices are of. */
export interface Typed<Scope> {
	readonly def: TypeDef;
	readonly scope: Scope;
}

/** The kinds of value that no function here can carry. */
export const absent: readonly string[] = ['map'];

/** The types that a definition names directly. */
function namedBy(def: TypeDef): readonly (ValueRef | undefined)[] {
	switch (def.kind) {
		case 'primitive':
			return [def.type];
		case 'func':
			return [...def.params.map(([, type]) => type), def.result];
		case 'record':
			return def.fields.map(([, type]) => type);
		case 'variant':
			return def.cases.map(([, type]) => type);
		case 'list':
		case 'stream':
		case 'future':
			return [def.element];
		case 'tuple':
			return def.items;
		case 'option':
			return [def.some];
		case 'result':
			return [def.ok, def.err];
		default:
			return [];
	}
}

/** The first kind within a function's type that no function can carry; types without one are added to `carried`, and passed over from then on. */
export function unsupportedKind<Scope>(
	type: Typed<Scope> | undefined,
	carried: Set<Typed<Scope>>,
	find: (scope: Scope, index: number) => Typed<Scope> | undefined,
): string | undefined {
	// A list and no recursion: types nest as deeply as the file is long.
	const left = [type];
	while (left.length > 0) {
		const next = left.pop();
		if (next === undefined || carried.has(next)) continue;
		carried.add(next);
		if (absent.includes(next.def.kind)) return next.def.kind;
		for (const ref of namedBy(next.def)) {
			if (typeof ref === 'number') left.push(find(next.scope, ref));
			else if (ref !== undefined && absent.includes(ref)) return ref;
		}
	}
	return undefined;
}
