#!/usr/bin/env node
// The syntax of an old Node, so that it can say in one line what it lacks.
import module from 'node:module';
import {homedir} from 'node:os';
import {join} from 'node:path';

if (Number(process.versions.node.split('.')[0]) < 26) {
	console.error(
		`forge: Node ${process.versions.node} is too old (FORGE_NODE_OLD): run it with Node 26, "npx forge" finds the one installed here`,
	);
	process.exit(125);
}

// Where nobody else can write: what is there is run.
module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'forge', 'compile'));
import('../lib/index.js').then(({main}) => main(process.argv.slice(2)));
