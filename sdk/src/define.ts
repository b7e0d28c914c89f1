import type {AnyPlugin, Contracts, Plugin, Refuse} from '@forgeone/core';
import type {Static, TSchema} from 'typebox';
import {decode, nearest} from './client/codec.ts';
import {unusable} from './config/keywords.ts';
import {errors} from './errors.ts';

/** What describes a configuration: an object in JSON Schema, written with TypeBox or by hand. */
export interface ConfigSchema extends TSchema {
	readonly type: 'object';
}

/** A configuration as its schema types it. */
type ConfigOf<S> = S extends ConfigSchema ? Static<S> : object;

/** A plugin as its author writes it: its configuration is a schema. */
type Definition<P extends Contracts, U extends Contracts, S> = Omit<Plugin<P, U, ConfigOf<S>>, 'config'> & {readonly config?: S};

const none: ConfigSchema = {type: 'object'};

function checkOf(plugin: string, schema: ConfigSchema): NonNullable<AnyPlugin['config']> {
	const wrong = unusable(schema);
	if (wrong) throw errors.FORGE_PLUGIN_SCHEMA({plugin, ...wrong});
	const check = (value: unknown, refuse: Refuse) =>
		decode(schema, value === undefined ? {} : value, ({where, reason, unknown}) => {
			if (!unknown) return refuse(where, reason);
			const known = nearest(unknown.key, unknown.known);
			const path = where === '' ? unknown.key : `${where}.${unknown.key}`;
			return refuse(path, 'there is no such key', known === undefined ? 'leave it out' : `did you mean "${known}"?`);
		});
	return Object.assign(check, {schema});
}

/**
 * A plugin as the kernel takes it. What `setup` returns is checked against what is provided, and what it is handed has types: `config` too, which is
 * checked by its schema before anything starts, with defaults filled in and unknown keys refused. Throws FORGE_PLUGIN_SCHEMA.
 */
// biome-ignore lint/complexity/noBannedTypes: no contracts at all is what a plugin without `provides` or `uses` has.
export function definePlugin<P extends Contracts = {}, U extends Contracts = {}, const S extends ConfigSchema | undefined = undefined>(
	plugin: Definition<P, U, S>,
): AnyPlugin {
	return {...plugin, config: checkOf(plugin.name, plugin.config ?? none)};
}
