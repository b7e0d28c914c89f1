import type {KernelTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

/** Who acts, and through whom: frozen, and known to the kernel that made it. */
export type Identity = Readonly<Omit<KernelTypes.Identity, 'via'>> & {readonly via: readonly string[]};

/** The identities of one kernel. Nobody else can make one that it takes. */
export interface Mint {
	mint(kind: Identity['kind'], name: string): Identity;
	/** The same one, as it acts through `plugin`. Throws FORGE_IDENTITY_FORGED for one not made here. */
	extend(identity: Identity, plugin: string): Identity;
}

/** Makes a mint. */
export function createMint(): Mint {
	const made = new WeakSet<Identity>();
	const extended = new WeakMap<Identity, Map<string, Identity>>();
	const make = (identity: Identity): Identity => {
		made.add(Object.freeze(identity));
		return identity;
	};
	return {
		mint: (kind, name) => make({subject: `${kind}:${name}`, kind, via: Object.freeze([])}),
		extend(identity, plugin) {
			if (!made.has(identity)) throw errors.FORGE_IDENTITY_FORGED({subject: String(Object(identity).subject)});
			const known = extended.get(identity) ?? new Map<string, Identity>();
			extended.set(identity, known);
			const {subject, kind, via} = identity;
			const longer = known.get(plugin) ?? make({subject, kind, via: Object.freeze([...via, plugin])});
			known.set(plugin, longer);
			return longer;
		},
	};
}
