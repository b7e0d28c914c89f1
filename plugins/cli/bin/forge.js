#!/usr/bin/env node
// The syntax of an old Node, so that it can say in one line what it lacks.
import module from 'node:module';

if (Number(process.versions.node.split('.')[0]) < 26) {
	console.error(
		`forge: Node ${process.versions.node} is too old (FORGE_NODE_OLD): run it with Node 26, "npx forge" finds the one installed here`,
	);
	process.exit(125);
}

module.enableCompileCache();
import('../lib/index.js').then(({main}) => main(process.argv.slice(2)));
