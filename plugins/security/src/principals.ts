import type {identities, Provider} from '@forgeone/core';
import type {principals} from '@forgeone/sdk';
import {errors} from './errors.ts';

/** Gives the identities of people and of containers, as the kernel makes them. Throws FORGE_PRINCIPAL_INVALID. */
export function principalsOf(kernel: NonNullable<typeof identities.shape>): Provider<NonNullable<typeof principals.shape>> {
	return {
		user(uid) {
			if (!Number.isInteger(uid) || uid < 0 || uid > 0xffff_ffff) throw errors.FORGE_PRINCIPAL_INVALID({kind: 'user', name: uid});
			return kernel.mint('user', String(uid));
		},
		container(id) {
			if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) throw errors.FORGE_PRINCIPAL_INVALID({kind: 'container', name: id});
			return kernel.mint('container', id);
		},
	};
}
