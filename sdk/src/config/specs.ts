import {resolve} from 'node:path';
import type {RuntimeTypes, Volumes} from '@forgeone/wasm';
import {errors} from '../errors.ts';
import type {Loaded} from './load.ts';
import type {Config} from './schema.ts';
import {DEFAULT_MEMORY, parseDuration, parseMount, parsePort, parseSize} from './units.ts';

type Container = NonNullable<Config['containers']>[string];

function egressOf({egress = [], networks = []}: Container, {config, file = ''}: Loaded, where: string): string[] {
	const named = networks.flatMap(name => {
		const network = config.networks?.[name];
		if (!network) throw errors.FORGE_CONFIG_INVALID({file, where, reason: `there is no network "${name}"`});
		return network.egress ?? [];
	});
	return [...egress, ...named];
}

/** The stores of a container; none at all where it names none, as a spec has it. */
export function storesOf({keyvalue = [], blobstore = []}: {readonly keyvalue?: readonly string[]; readonly blobstore?: readonly string[]}) {
	const of = (kind: RuntimeTypes.StoreKind, names: readonly string[]) => names.map(name => ({kind, name}));
	const stores = [...of('keyvalue', keyvalue), ...of('blobstore', blobstore)];
	return stores.length > 0 ? {stores} : {};
}

/** The containers of a configuration, as the runtime takes them. Throws FORGE_CONFIG_VALUE, FORGE_CONFIG_INVALID. */
export function specs(loaded: Loaded): RuntimeTypes.Spec[] {
	const {config, folder} = loaded;
	return Object.entries(config.containers ?? {}).map(([name, container]) => {
		const {image, digest, limits = {}, isolation, restart = 'no'} = container;
		return {
			name,
			image: resolve(folder, image),
			...(digest === undefined ? {} : {digest}),
			arguments: container.arguments ?? [],
			environment: Object.entries(container.environment ?? {}),
			config: Object.entries(container.config ?? {}),
			mounts: (container.volumes ?? []).map(volume => parseMount(volume, folder)),
			publish: (container.publish ?? []).map(parsePort),
			...storesOf(container),
			egress: egressOf(container, loaded, `"containers.${name}.networks"`),
			routes: container.routes ?? [],
			networks: container.networks ?? [],
			limits: {
				memory: parseSize(limits.memory ?? DEFAULT_MEMORY),
				...(limits.timeout === undefined ? {} : {timeout: parseDuration(limits.timeout)}),
				...(limits.instances === undefined ? {} : {instances: limits.instances}),
			},
			...(isolation === undefined ? {} : {isolation}),
			restart,
			attached: false,
			interactive: false,
			remove: false,
		};
	});
}

/** The volumes of a configuration, each with its quota. Throws FORGE_CONFIG_VALUE. */
export function quotas({config}: Loaded): Map<string, Volumes.Quota> {
	return new Map(Object.entries(config.volumes ?? {}).map(([name, {quota, inodes}]) => [name, quotaOf(quota, inodes)]));
}

/** A quota, of what is given of it: bytes as a number or a size, and a number of names. Throws FORGE_CONFIG_VALUE. */
export const quotaOf = (bytes: string | number | undefined, inodes: number | undefined): Volumes.Quota => ({
	...(bytes === undefined ? {} : {bytes: parseSize(bytes)}),
	...(inodes === undefined ? {} : {inodes: BigInt(inodes)}),
});
