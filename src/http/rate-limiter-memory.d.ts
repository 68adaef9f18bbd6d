/** The one class that is needed: the package's index loads limiters for every database there is, which takes 18 ms. */
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  export { RateLimiterMemory as default } from 'rate-limiter-flexible';
}
