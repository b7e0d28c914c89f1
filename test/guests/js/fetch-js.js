// Answers one request in its life, as the event of the service worker API has it here.
addEventListener('fetch', event => event.respondWith(new Response(`Hello from ${new URL(event.request.url).pathname}\n`)));
