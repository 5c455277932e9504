"""What lies in the bucket, one module for each kind of object: nobody else reads or writes them."""
