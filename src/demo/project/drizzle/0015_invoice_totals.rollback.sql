DROP INDEX `invoices_team_month_idx`;
--> statement-breakpoint
ALTER TABLE `invoices` DROP COLUMN `orders`;
--> statement-breakpoint
ALTER TABLE `invoices` DROP COLUMN `total_cents`;
