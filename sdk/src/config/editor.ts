import type {TSchema} from 'typebox';
import type {Schema} from '../client/codec.ts';

const each = (schemas: Readonly<Record<string, Schema>>) =>
	Object.fromEntries(Object.entries(schemas).map(([key, one]) => [key, written(one)]));

/** The schema with all that `decode` does written out: an unknown key is refused, what has a default may be left out, an integer is safe. */
function written(schema: Schema): Schema {
	const {type, properties, patternProperties, additionalProperties: others, items, anyOf, required} = schema;
	return {
		...schema,
		...(properties && {properties: each(properties)}),
		...(patternProperties && {patternProperties: each(patternProperties)}),
		...(type === 'object' && {additionalProperties: typeof others === 'object' ? written(others) : false}),
		...(items && {items: written(items as Schema)}),
		...(anyOf && {anyOf: anyOf.map(written)}),
		...(required && {required: required.filter(key => properties?.[key]?.default === undefined)}),
		...(type === 'integer' && {maximum: schema.maximum ?? Number.MAX_SAFE_INTEGER}),
	};
}

/** The entry of one plugin: by its source alone where it needs no configuration. */
function entry(named: Schema, plugin: Schema): Schema {
	const [source = {}, whole = {}] = named.anyOf ?? [];
	const config = written(plugin);
	const needed = (config.required ?? []).length > 0;
	const {properties, required = []} = whole;
	const full = {...whole, properties: {...properties, config}, required: needed ? [...required, 'config'] : required};
	return needed ? full : {anyOf: [source, full]};
}

/**
 * The JSON Schema of a configuration for editors, in which the configuration of each of these plugins is described by its own schema, where
 * that is known.
 */
export async function editorSchema(plugins: Readonly<Record<string, object | undefined>>): Promise<object> {
	const {Config} = await import('./schema.ts');
	const schema = written(Config as TSchema as Schema);
	const {plugins: map = {}} = schema.properties ?? {};
	const [named = {}] = Object.values(map.patternProperties ?? {});
	const known = Object.entries(plugins).flatMap(([name, plugin]) => (plugin ? [[name, entry(named, plugin)]] : []));
	return {...schema, properties: {...schema.properties, plugins: {...map, properties: Object.fromEntries(known)}}};
}
