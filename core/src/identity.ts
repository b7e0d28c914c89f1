import type {KernelTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';

declare const made: unique symbol;

/** Who acts, and through whom: frozen, and known to the kernel that made it. One that is written by hand has not its type. */
export type Identity = Readonly<Omit<KernelTypes.Identity, 'via'>> & {readonly via: readonly string[]; readonly [made]: true};

/** The identities of one kernel. Nobody else can make one that it takes. */
export type Mint = ReturnType<typeof createMint>;

/** Makes a mint. */
export function createMint() {
	const made = new WeakMap<Identity, Map<string, Identity>>();
	const make = (subject: string, kind: Identity['kind'], via: readonly string[]): Identity => {
		const identity = Object.freeze({subject, kind, via: Object.freeze(via)}) as Identity;
		made.set(identity, new Map());
		return identity;
	};
	return {
		mint: (kind: Identity['kind'], name: string): Identity => make(`${kind}:${name}`, kind, []),
		/** The same one, as it acts through `plugin`: always the same object. Throws FORGE_IDENTITY_FORGED for one not made here. */
		extend(identity: Identity, plugin: string): Identity {
			const longer = made.get(identity);
			if (!longer) throw errors.FORGE_IDENTITY_FORGED({subject: String(Object(identity).subject)});
			const {subject, kind, via} = identity;
			return longer.getOrInsertComputed(plugin, () => make(subject, kind, [...via, plugin]));
		},
	};
}
