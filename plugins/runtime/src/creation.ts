import type {Identity, Provider} from '@forgeone/core';
import type {admission} from '@forgeone/sdk';
import type {Admission, Containers, RuntimeTypes} from '@forgeone/wasm';
import {errors} from './errors.ts';
import type {Image} from './images.ts';
import type {Isolation} from './isolation.ts';
import {nameOf, newId} from './names.ts';
import type {Records} from './records.ts';
import {checkSpec} from './spec.ts';

type Container = Containers.Container;

/** What it takes to make a container. */
export interface Creating {
	readonly records: Records;
	readonly image: (path: string) => Promise<Image>;
	readonly isolations: readonly Isolation[];
	readonly admission: Provider<NonNullable<typeof admission.shape>>;
}

/** How often a name is made up before one that was taken is the caller's problem. */
const ATTEMPTS = 6;

/** What a container gets that asks for no isolation. */
const USUAL = 'process';

/** The isolation of this name, or the usual one. Throws FORGE_ISOLATION_MISSING rather than give a weaker one. */
export async function isolationOf(isolations: readonly Isolation[], asked: RuntimeTypes.Isolation = USUAL): Promise<Isolation> {
	const found = isolations.find(({name}) => name === asked);
	const reason = found ? await found.lack?.() : 'this engine has none';
	if (!found || reason !== undefined) throw errors.FORGE_ISOLATION_MISSING({isolation: asked, reason: String(reason)});
	return found;
}

/** Makes containers: checks the spec, reads the image, asks admission, keeps the record. Nothing runs yet. */
export function createCreation({records, image, isolations, admission}: Creating) {
	async function admit({subject, via}: Identity, spec: RuntimeTypes.Spec, {digest, imports}: Image): Promise<Admission.Admitted> {
		const {name: isolation} = await isolationOf(isolations, spec.isolation);
		const request = {subject, via: [...via], spec, digest, imports: [...imports], isolation};
		const verdict = await admission.admit({tag: 'undecided'}, request);
		if (verdict.tag === 'allowed') return verdict.val;
		const reason = verdict.tag === 'refused' ? verdict.val : 'no policy answered';
		throw errors.FORGE_ADMISSION_REFUSED({image: spec.image, reason});
	}

	/** A name that was made up may be taken: then another is. */
	function keep(made: Omit<Container, 'name'>, name: string | undefined, attempt = 0): Container {
		const container = {...made, name: name ?? nameOf(attempt)};
		try {
			records.save({container, keeper: undefined});
			return container;
		} catch (error) {
			if (name !== undefined || attempt === ATTEMPTS) throw error;
			return keep(made, name, attempt + 1);
		}
	}

	return async (caller: Identity, spec: RuntimeTypes.Spec): Promise<Container> => {
		checkSpec(spec);
		const found = await image(spec.image);
		const {grants, trust} = await admit(caller, spec, found);
		const now = BigInt(Date.now());
		const made = {id: newId(), spec, digest: found.digest, state: 'created', created: now, restarts: 0} as const;
		return keep({...made, owner: caller.subject, grants, trust}, spec.name);
	};
}
