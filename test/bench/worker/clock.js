/**
 * Routes stay fresh for five seconds, and a rotation through all names may take longer: here time goes by a thousand
 * times slower.
 */
const SLOWNESS = 1_000;
const realNow = Date.now;
Date.now = () => Math.floor(realNow() / SLOWNESS);
