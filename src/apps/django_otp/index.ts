import { otpEmail } from './otp-email.js';
import { otpHotp } from './otp-hotp.js';
import { otpStatic } from './otp-static.js';
import { otpTotp } from './otp-totp.js';

export default [otpTotp, otpHotp, otpStatic, otpEmail];
